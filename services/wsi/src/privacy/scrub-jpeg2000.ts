const marker = { sot: 0xff90, sod: 0xff93, eoc: 0xffd9, comment: 0xff64 };

/**
 * Blanks the comments of a JPEG 2000 codestream and what lies behind its end (ITU-T T.800, annex A); lengths and packets
 * stay. Changes the whole codestream in place.
 */
export function scrubJpeg2000(bytes: Buffer): Buffer {
  // SOC stands alone.
  let at = 2;
  while (at + 4 <= bytes.length) {
    const code = bytes.readUInt16BE(at);
    if (code === marker.eoc) break;
    const length = bytes.readUInt16BE(at + 2);
    if (code === marker.comment) bytes.fill(0, at + 4, Math.min(bytes.length, at + 2 + length));
    if (code === marker.sot && at + 12 <= bytes.length) {
      const partBytes = bytes.readUInt32BE(at + 6);
      // 0: the last part, up to the end of the codestream.
      const end = partBytes === 0 ? lastEoc(bytes) : Math.min(bytes.length, at + partBytes);
      scrubPart(bytes, at + 2 + length, end);
      at = Math.max(end, at + 12);
    } else at += 2 + Math.max(length, 2);
  }
  return bytes.fill(0, Math.min(bytes.length, at + 2));
}

function scrubPart(bytes: Buffer, from: number, end: number): void {
  let at = from;
  while (at + 4 <= end && bytes.readUInt16BE(at) !== marker.sod) {
    const length = bytes.readUInt16BE(at + 2);
    if (bytes.readUInt16BE(at) === marker.comment) bytes.fill(0, at + 4, Math.min(end, at + 2 + length));
    at += 2 + Math.max(length, 2);
  }
}

function lastEoc(bytes: Buffer): number {
  const at = bytes.lastIndexOf(Buffer.from([0xff, 0xd9]));
  return at < 0 ? bytes.length : at;
}
