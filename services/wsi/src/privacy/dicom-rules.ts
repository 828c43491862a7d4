/** What becomes of an attribute in a copy; one without a rule, every private one among them, is left out. */
export type DicomRule =
  /** Numbers and defined terms that say how the pixels lie. */
  | { vr: string; do: 'keep' }
  /** Must be there, and may be empty. */
  | { vr: string; do: 'empty' }
  /** Must be there with a value. */
  | { vr: string; do: 'replace'; value: string }
  | { vr: 'UI'; do: 'remap' }
  /** A name that only has to differ from the others of the file. */
  | { vr: string; do: 'number' }
  /** Looked into by the same rules. */
  | { vr: 'SQ'; do: 'items' };

const kept: Record<string, string> = {
  CS: '00080005 00080060 00089007 00089206 00209311 00280004 00280301 00282110 00282114 00480010 00480011 00480012',
  UI: '00080016',
  US: '00209162 00209163 00280002 00280006 00280010 00280011 00280100 00280101 00280102 00280103 00480013',
  UL: '00209157 00209228 00480006 00480007 00480302 00480303',
  SL: '0048021e 0048021f',
  IS: '00200011 00200013 00280008',
  DS: '00180050 00180088 00280030 00282112 0040072a 0040073a 0040074a 00480102 00480112',
  FL: '00480001 00480002 00480003 00480014',
  AT: '00209165 00209167',
  OV: '7fe00001 7fe00002',
};
/** Total pixel matrix, frames' places, spacing, optical paths, dimensions, specimens. */
const sequences =
  '00209111 00209221 00209222 00220016 00289110 00400518 00400560 0040059a 00400710 00480008 00480105 00480108 0048021a 00480207 52009229 52009230';
const remapped = '00080018 00080019 0020000d 0020000e 00200052 00200242 00209161 00209164 00400554';
const emptied: Record<string, string> = {
  DA: '00080020 00100030',
  TM: '00080030',
  SH: '00080050 00200010',
  PN: '00080090 00100010',
  LO: '00100020 00201040',
  CS: '00100040',
  SQ: '00400513 00400555 00400562 00400610',
};
const replaced: [tag: string, vr: string, value: string][] = [
  ['00080023', 'DA', '19000101'],
  ['0008002a', 'DT', '19000101000000'],
  ['00080033', 'TM', '000000'],
  ['00080070', 'LO', 'Removed'],
  ['00081090', 'LO', 'Removed'],
  ['00181000', 'LO', 'Removed'],
  ['00181020', 'LO', 'Removed'],
  ['00400512', 'LO', 'Removed'],
  ['00400551', 'LO', 'Removed'],
];

const list = (tags: string) => tags.split(' ');

/** By `ggggeeee`; PS3.15's basic profile turned round: what is not named here goes. */
export const dicomRules: ReadonlyMap<string, DicomRule> = new Map<string, DicomRule>([
  ...Object.entries(kept).flatMap(([vr, tags]) => list(tags).map((tag) => [tag, { vr, do: 'keep' }] as const)),
  ...list(sequences).map((tag) => [tag, { vr: 'SQ', do: 'items' }] as const),
  ...list(remapped).map((tag) => [tag, { vr: 'UI', do: 'remap' }] as const),
  ...Object.entries(emptied).flatMap(([vr, tags]) => list(tags).map((tag) => [tag, { vr, do: 'empty' }] as const)),
  ...replaced.map(([tag, vr, value]) => [tag, { vr, do: 'replace', value }] as const),
  ['00480106', { vr: 'SH', do: 'number' }],
]);

/** Coding schemes whose codes are published; a hospital's own code could name anything. */
export const publicSchemes = new Set(['DCM', 'SCT', 'SRT', 'UCUM']);
/** Defined terms of ImageType (PS3.3, C.8.12.4.1.1). */
export const imageTypes = new Set(['ORIGINAL', 'DERIVED', 'PRIMARY', 'VOLUME', 'RESAMPLED', 'NONE']);

/** Said of every copy (PS3.15, E.1.1). */
export const dicomStatements: [tag: string, vr: string, value: string][] = [
  ['00120062', 'CS', 'YES'],
  ['00120063', 'LO', 'Stroma: only listed attributes are kept'],
  ['00280303', 'CS', 'REMOVED'],
];
