import { createHmac } from 'node:crypto';
import type { DataSet, Element } from 'dicom-parser';
import { dicomElement, dicomItem, dicomText } from './dicom-element.ts';
import { type DicomRule, dicomRules, dicomStatements, imageTypes, publicSchemes } from './dicom-rules.ts';

const maxDepth = 16;
const imageType = '00080008';
const codeValue = '00080100';
const scheme = '00080102';
const codeMeaning = '00080104';

/**
 * A UID that stands for another: the same for the same, and not to be undone or guessed without the key. Root 2.25
 * takes any 128-bit number (PS3.5, B.2). DICOM's own UIDs name classes, not things.
 */
export function remapUid(uid: string, key: Buffer): string {
  if (uid === '' || uid.startsWith('1.2.840.10008.')) return uid;
  const digest = createHmac('sha256', key).update(uid).digest('hex');
  return `2.25.${BigInt(`0x${digest.slice(0, 32)}`)}`;
}

/** Writes the attributes of a data set that have a rule, in the order of their tags. */
export class DicomRewriter {
  readonly #key: Buffer;
  readonly #numbers = new Map<string, string>();

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** Everything before the pixels. */
  header(dataSet: DataSet): Buffer {
    const said = dicomStatements.map(([tag, vr, value]): [string, Buffer] => [tag, dicomText(tag, vr, value)]);
    const types = dataSet.string(`x${imageType}`)?.split('\\') ?? [];
    const known = types.map((type) => (imageTypes.has(type) ? type : 'NONE')).join('\\');
    const typed: [string, Buffer] = [imageType, dicomText(imageType, 'CS', known)];
    return inOrder([...this.#attributes(dataSet, 0), ...said, typed]);
  }

  #attributes(dataSet: DataSet, depth: number): [tag: string, bytes: Buffer][] {
    return Object.values(dataSet.elements).flatMap((element): [string, Buffer][] => {
      const tag = element.tag.slice(1).toLowerCase();
      const rule = dicomRules.get(tag);
      return rule ? [[tag, this.#attribute(dataSet, element, tag, rule, depth)]] : [];
    });
  }

  #attribute(dataSet: DataSet, element: Element, tag: string, rule: DicomRule, depth: number): Buffer {
    const { vr } = rule;
    if (rule.do === 'empty') return dicomElement(tag, vr, Buffer.alloc(0));
    if (rule.do === 'replace') return dicomText(tag, vr, rule.value);
    if (rule.do === 'remap') return dicomText(tag, vr, remapUid(dataSet.string(element.tag) ?? '', this.#key));
    if (rule.do === 'number') return dicomText(tag, vr, this.#number(dataSet.string(element.tag) ?? ''));
    if (rule.do === 'items') return this.#sequence(element, tag, depth);
    const { byteArray } = dataSet;
    return dicomElement(
      tag,
      vr,
      Buffer.from(byteArray.subarray(element.dataOffset, element.dataOffset + element.length)),
    );
  }

  #sequence({ items = [] }: Element, tag: string, depth: number): Buffer {
    const written = (depth < maxDepth ? items : []).flatMap(({ dataSet }) => {
      if (!dataSet) return [];
      const code = dataSet.elements[`x${scheme}`] ? this.#code(dataSet) : [];
      return code ? [dicomItem(inOrder([...this.#attributes(dataSet, depth + 1), ...code]))] : [];
    });
    return dicomElement(tag, 'SQ', Buffer.concat(written));
  }

  /** A published code by its value; its meaning is a free text, and is looked up by whoever needs it. */
  #code(dataSet: DataSet): [string, Buffer][] | undefined {
    const value = dataSet.string(`x${codeValue}`) ?? '';
    const from = dataSet.string(`x${scheme}`) ?? '';
    if (!publicSchemes.has(from) || !/^[A-Z0-9.-]{1,16}$/i.test(value)) return undefined;
    return [
      [codeValue, dicomText(codeValue, 'SH', value)],
      [scheme, dicomText(scheme, 'SH', from)],
      [codeMeaning, dicomText(codeMeaning, 'LO', `${from} ${value}`)],
    ];
  }

  #number(name: string): string {
    const number = this.#numbers.get(name) ?? String(this.#numbers.size);
    this.#numbers.set(name, number);
    return number;
  }
}

function inOrder(attributes: [tag: string, bytes: Buffer][]): Buffer {
  return Buffer.concat(attributes.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, bytes]) => bytes));
}
