/** Names a file that is not a TIFF by its first bytes, as a person would call it; `found` of a refusal. */
export function fileKind(head: Buffer): string {
  const signature = signatures.find(({ at, bytes }) => head.subarray(at, at + bytes.length).equals(bytes));
  if (signature) return signature.kind;
  if (head.every((byte) => byte === 0)) return 'a file that begins with zeros only';
  if (isText(head)) return 'a text file';
  return `a file of an unknown kind (it begins with ${head.subarray(0, 8).toString('hex')})`;
}

const signatures: { at: number; bytes: Buffer; kind: string }[] = [
  { at: 128, bytes: Buffer.from('DICM'), kind: 'a DICOM file' },
  { at: 0, bytes: Buffer.from('PK\x03\x04'), kind: 'a zip archive' },
  { at: 0, bytes: Buffer.from([0x1f, 0x8b]), kind: 'a gzip archive' },
  { at: 0, bytes: Buffer.from('7z\xbc\xaf\x27\x1c', 'latin1'), kind: 'a 7z archive' },
  { at: 0, bytes: Buffer.from('Rar!'), kind: 'a rar archive' },
  { at: 257, bytes: Buffer.from('ustar'), kind: 'a tar archive' },
  { at: 0, bytes: Buffer.from('ZISRAWFILE'), kind: 'a Zeiss CZI file' },
  { at: 0, bytes: Buffer.from('SQLite format 3\0'), kind: 'an SQLite file' },
  { at: 0, bytes: Buffer.from([0xff, 0xd8, 0xff]), kind: 'a plain JPEG picture' },
  { at: 0, bytes: Buffer.from([0x89, 0x50, 0x4e, 0x47]), kind: 'a PNG picture' },
  { at: 4, bytes: Buffer.from('jP  '), kind: 'a JPEG 2000 picture' },
  { at: 0, bytes: Buffer.from([0xff, 0x4f, 0xff, 0x51]), kind: 'a JPEG 2000 picture' },
  { at: 0, bytes: Buffer.from('BM'), kind: 'a BMP picture' },
  { at: 0, bytes: Buffer.from('%PDF'), kind: 'a PDF document' },
  { at: 0, bytes: Buffer.from('\x89HDF', 'latin1'), kind: 'an HDF5 file' },
  { at: 4, bytes: Buffer.from('ftyp'), kind: 'a video or HEIF file' },
];

/** UTF-8 or Latin-1 text holds no control characters but tab, line feed, form feed and carriage return. */
function isText(head: Buffer): boolean {
  return head.every((byte) => byte >= 0x20 || byte === 9 || byte === 10 || byte === 12 || byte === 13);
}
