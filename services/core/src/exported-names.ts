import { codedPatients, codedSlideName } from './coded-name.ts';

const longest = 120;
const slideEndings = /\.(svs|tiff?|ndpi|mrxs|dcm|bif|scn|vsi|isyntax|jp2|vms|vmu)$/i;

/**
 * A file name for every slide: its own name without ending, with nothing that a file system or a reader's CSV could
 * stumble over. Names that would be the same in any case of letters get the beginning of the slide's id.
 */
export function fileNames(slides: readonly { slideId: string; slideName: string }[]): Map<string, string> {
  const names = slides.map(({ slideName }) => sanitised(slideName));
  const count = new Map<string, number>();
  for (const name of names) count.set(name.toLowerCase(), (count.get(name.toLowerCase()) ?? 0) + 1);
  return new Map(
    slides.map(({ slideId }, i) => {
      const name = names[i] ?? slideId;
      return [slideId, (count.get(name.toLowerCase()) ?? 0) > 1 ? `${name}_${slideId}` : name];
    }),
  );
}

function sanitised(slideName: string): string {
  const base = slideName.replace(slideEndings, '').normalize('NFC');
  const plain = base.replace(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^[._-]+|[._]+$/g, '');
  return [...plain].slice(0, longest).join('') || 'slide';
}

/** Slides and patients as an export calls them where nothing may tell who they are. */
export function codedSets<T extends { slideId: string; patientId: string }>(sets: readonly T[]) {
  const patients = codedPatients(sets.map(({ patientId }) => patientId));
  return {
    sets: sets.map((set) => ({ ...set, patientId: patients.get(set.patientId) ?? '' })),
    names: new Map(sets.map(({ slideId }) => [slideId, codedSlideName(slideId)])),
  };
}
