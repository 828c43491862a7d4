import { XMLParser } from 'fast-xml-parser';

/** An element: its attributes as texts, its children as lists, its own text as `#text`. */
export interface Element {
  [name: string]: string | Element[];
}

/** Far above any header seen; Philips keeps JPEG pictures of label and slide inside. */
const maxLength = 8 * 1024 * 1024;

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

/** The root element of this name; undefined for a text that is not such XML, is too long or declares entities. */
export function xmlRoot(text: string, name: string): Element | undefined {
  if (text.length > maxLength || text.includes('<!DOCTYPE') || text.includes('<!ENTITY')) return undefined;
  try {
    return elements(parser.parse(text) as Element, name)[0];
  } catch {
    return undefined;
  }
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
