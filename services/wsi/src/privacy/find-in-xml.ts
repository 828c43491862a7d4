import { XMLParser } from 'fast-xml-parser';
import type { Findings } from './identifier.ts';
import { type XmlVendor, xmlKind } from './xml-identifiers.ts';

/** Deeper than any scanner's header; a crafted one ends here. */
const maxDepth = 64;
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  // An entity could name a file or grow without end; identifiers are found without any.
  processEntities: false,
});

/** Adds what a vendor's XML holds; a text that is no XML is itself unread. */
export function findInXml(text: string, vendor: XmlVendor, where: string, findings: Findings): void {
  let root: unknown;
  try {
    root = parser.parse(text);
  } catch {
    findings.add('file.unread', where);
    return;
  }
  walk(root, '', 0);

  function walk(value: unknown, path: string, depth: number): void {
    if (depth > maxDepth) {
      findings.add('file.unread', where);
      return;
    }
    if (Array.isArray(value)) {
      for (const each of value) walk(each, path, depth + 1);
    } else if (typeof value === 'object' && value !== null) {
      const fields = value as Record<string, unknown>;
      const named = typeof fields['@Name'] === 'string' && vendor === 'philips' ? `/${fields['@Name']}` : path;
      for (const [name, child] of Object.entries(fields)) {
        walk(child, name === '#text' ? named : name.startsWith('@') ? path + name : `${named}/${name}`, depth + 1);
      }
    } else {
      const kind = xmlKind(vendor, path);
      if (kind) findings.addText(kind, where, String(value));
    }
  }
}
