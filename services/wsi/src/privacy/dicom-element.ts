/** VRs whose length is written with four bytes (PS3.5, 7.1.2). */
const longVrs = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

/** An attribute in Explicit VR Little Endian; `tag` is `ggggeeee`. */
export function dicomElement(tag: string, vr: string, value: Buffer, length = value.length): Buffer {
  const isLong = longVrs.has(vr);
  const head = Buffer.alloc(isLong ? 12 : 8);
  head.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), 0);
  head.writeUInt16LE(Number.parseInt(tag.slice(4), 16), 2);
  head.write(vr, 4, 'latin1');
  if (isLong) head.writeUInt32LE(length, 8);
  else head.writeUInt16LE(length, 6);
  return Buffer.concat([head, value]);
}

/** Texts are padded with a space, UIDs with a NUL, to an even length. */
export function dicomText(tag: string, vr: string, text: string): Buffer {
  const padded = text.length % 2 === 0 ? text : text + (vr === 'UI' ? '\0' : ' ');
  return dicomElement(tag, vr, Buffer.from(padded, 'latin1'));
}

export function dicomItem(content: Buffer): Buffer {
  const head = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content]);
}
