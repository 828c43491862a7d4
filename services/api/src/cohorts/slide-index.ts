export interface NamedSlide {
  id: string;
  name: string;
}

/** Finds the slides that a label may mean: by uuid, by file name, by file name without ending. */
export interface SlideIndex {
  find(label: string): NamedSlide[];
}

export function indexSlides(slides: readonly NamedSlide[]): SlideIndex {
  const byId = new Map(slides.map((slide) => [slide.id, slide]));
  const exact = new Map<string, NamedSlide[]>();
  const folded = new Map<string, NamedSlide[]>();
  for (const slide of slides) {
    for (const name of new Set([slide.name, withoutEnding(slide.name)])) {
      append(exact, name, slide);
      append(folded, name.toLowerCase(), slide);
    }
  }
  return {
    // The letter case decides only where it tells two slides apart.
    find(label) {
      const known = byId.get(label.toLowerCase());
      if (known) return [known];
      return exact.get(label) ?? unique(folded.get(label.toLowerCase()) ?? []);
    },
  };
}

export function withoutEnding(name: string): string {
  return name.replace(/\.[A-Za-z0-9]{1,5}$/, '');
}

function append(map: Map<string, NamedSlide[]>, key: string, slide: NamedSlide): void {
  const known = map.get(key);
  if (known) known.push(slide);
  else map.set(key, [slide]);
}

function unique(slides: NamedSlide[]): NamedSlide[] {
  return [...new Map(slides.map((slide) => [slide.id, slide])).values()];
}
