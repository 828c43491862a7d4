import type { Scores, ScoresHeader } from './http/scores.ts';

/**
 * GET /api/predictions/:id/scores as bytes, all of them little-endian: uint32 length of the header; the header, JSON in
 * UTF-8, with spaces up to a multiple of 4; then int32 ix, x0, y0, float32 attention logits and evidence class after class.
 */
export function readScores(bytes: ArrayBuffer): Scores {
  const length = new DataView(bytes).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length))) as ScoresHeader;
  const { cropCount, classes } = header;
  const at = (column: number) => 4 + length + 4 * cropCount * column;
  if (header.version !== 1 || bytes.byteLength !== at(4 + (classes?.length ?? 0))) {
    throw new RangeError(`scores of version ${header.version} in ${bytes.byteLength} bytes`);
  }
  const ints = (column: number) => new Int32Array(bytes, at(column), cropCount);
  const floats = (column: number) => new Float32Array(bytes, at(column), cropCount);
  return {
    ...header,
    ix: ints(0),
    x0: ints(1),
    y0: ints(2),
    attentionLogits: floats(3),
    evidence: (classes ?? []).map((_, index) => floats(4 + index)),
  };
}

/** The bytes before the columns. */
export function scoresHead(header: ScoresHeader): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 4) * 4;
  const head = new Uint8Array(4 + length).fill(0x20);
  new DataView(head.buffer).setUint32(0, length, true);
  head.set(text, 4);
  return head;
}
