import { XMLParser } from 'fast-xml-parser';

/** An element: its attributes as texts, its children as lists, its own text as `#text`. */
export interface Element {
  [name: string]: string | Element[];
}

/** Elements, end tags and attributes of a header that is read; far above any seen. A parser's time grows with them. */
const maxMarks = 100_000;
/** Longer texts are pictures: Philips keeps label and macro image in its header. Nothing of them is looked at. */
const maxText = 4096;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  attributesGroupName: false,
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  alwaysCreateTextNode: true,
  // Nothing is expanded, whatever a header declares.
  processEntities: false,
  isArray: (_name, _path, _isLeaf, isAttribute) => !isAttribute,
});

/** The root element of this name; undefined for a text that is not such XML, has too much in it or declares entities. */
export function xmlRoot(text: string, name: string): Element | undefined {
  const header = withoutPictures(text);
  if (header.includes('<!DOCTYPE') || header.includes('<!ENTITY')) return undefined;
  if (count(header, '<') + count(header, '=') > maxMarks) return undefined;
  try {
    return elements(parser.parse(header) as Element, name)[0];
  } catch {
    return undefined;
  }
}

function withoutPictures(text: string): string {
  const kept: string[] = [];
  let keptFrom = 0;
  for (let end = text.indexOf('>'); end >= 0; ) {
    const next = text.indexOf('<', end);
    if (next < 0) break;
    if (next - end > maxText) {
      kept.push(text.slice(keptFrom, end + 1));
      keptFrom = next;
    }
    end = text.indexOf('>', next);
  }
  return kept.join('') + text.slice(keptFrom);
}

function count(text: string, mark: string): number {
  let found = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) found += 1;
  return found;
}

export function elements(parent: Element | undefined, name: string): Element[] {
  const found = parent?.[name];
  return Array.isArray(found) ? found.filter((child) => typeof child === 'object') : [];
}

/** An attribute, or the element's own text by the name `#text`. */
export function text(element: Element | undefined, name: string): string | undefined {
  const found = element?.[name];
  return typeof found === 'string' ? found.trim() : undefined;
}
