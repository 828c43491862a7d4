/** A field of a TIFF: a text, or numbers of 16 or 32 bits. */
export type Field = [tag: number, value: string | number | number[], bits?: 16 | 32];

const types = { text: 2, 16: 3, 32: 4 } as const;

/** The head of a classic little-endian TIFF with one directory; `dataAt` of what follows it is its length. */
export function tiffHead(fields: Field[], directoryAt = 8): Buffer {
  const sorted = [...fields].sort(([a], [b]) => a - b);
  const directory = Buffer.alloc(2 + sorted.length * 12 + 4);
  directory.writeUInt16LE(sorted.length, 0);
  const values: Buffer[] = [];
  let valuesAt = directoryAt + directory.length;
  sorted.forEach(([tag, value, bits = 32], i) => {
    const at = 2 + 12 * i;
    const bytes = typeof value === 'string' ? Buffer.from(`${value}\0`) : packed([value].flat(), bits);
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(typeof value === 'string' ? types.text : types[bits], at + 2);
    directory.writeUInt32LE(typeof value === 'string' ? bytes.length : [value].flat().length, at + 4);
    if (bytes.length <= 4) bytes.copy(directory, at + 8);
    else {
      directory.writeUInt32LE(valuesAt % 2 ** 32, at + 8);
      values.push(bytes);
      valuesAt += bytes.length;
    }
  });
  const head = Buffer.from('II*\0\0\0\0\0', 'latin1');
  head.writeUInt32LE(directoryAt % 2 ** 32, 4);
  return Buffer.concat([head, directory, ...values]);
}

/** One image of RGB, 8 bits a colour; more fields, or others instead, in `also`. */
export function imageFields(width: number, height: number, compression: number, also: Field[] = []): Field[] {
  const fields: Field[] = [
    [256, width],
    [257, height],
    [258, [8, 8, 8], 16],
    [259, compression, 16],
    [262, 2, 16],
    [277, 3, 16],
  ];
  return [...fields.filter(([tag]) => !also.some(([other]) => other === tag)), ...also];
}

/** An image of one tile (or one strip) that holds these bytes. */
export function oneTileTiff(side: number, compression: number, tile: Buffer, also: Field[] = []): Buffer {
  const fields = (at: number): Field[] =>
    imageFields(side, side, compression, [[322, side], [323, side], [324, at], [325, tile.length], ...also]);
  const head = tiffHead(fields(0));
  return Buffer.concat([tiffHead(fields(head.length)), tile]);
}

function packed(values: number[], bits: 16 | 32): Buffer {
  const bytes = Buffer.alloc((values.length * bits) / 8);
  values.forEach((value, i) => {
    if (bits === 16) bytes.writeUInt16LE(value, i * 2);
    else bytes.writeUInt32LE(value, i * 4);
  });
  return bytes;
}
