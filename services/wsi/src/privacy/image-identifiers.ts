import type { Identifier } from './identifier.ts';

const images: [kind: string, name: string, format: string, at: string][] = [
  ['label', 'Picture of the label', 'any', 'label image'],
  ['macro', 'Picture of the whole glass slide, with its label', 'any', 'macro or overview image'],
  ['thumbnail', 'Small picture stored by the scanner', 'any', 'thumbnail image'],
  ['barcode', 'Picture of the barcode', 'MIRAX', 'SlideBarcode layer'],
  ['other', 'Another picture outside the pyramid', 'any', 'image directory'],
];

export const otherIdentifiers: Identifier[] = [
  ...images.map(([kind, name, format, at]): Identifier => {
    const source = 'DICOM PS3.3, C.8.12.4.1.1: label and overview images; OpenSlide associated images';
    return { kind: `image.${kind}`, name, format, at, onDownload: 'removed', source, image: true };
  }),
  {
    kind: 'jpeg.comment',
    name: 'Comments and application data inside the JPEG or JPEG 2000 tiles',
    format: 'TIFF and DICOM',
    at: 'APPn and COM markers',
    onDownload: 'blanked',
    source: 'ITU-T T.81, B.2.4.5; ITU-T T.800, A.9.2',
  },
  {
    kind: 'name.accession',
    name: 'The file’s name looks like an accession number',
    format: 'any',
    at: 'uploaded name',
    onDownload: 'replaced',
    source: 'DICOM PS3.15, table E.1-1: accession number',
  },
  {
    kind: 'name.number',
    name: 'The file’s name holds a long number, as a patient’s ID is',
    format: 'any',
    at: 'uploaded name',
    onDownload: 'replaced',
    source: 'DICOM PS3.15, table E.1-1: patient ID',
  },
  {
    kind: 'name.date',
    name: 'The file’s name holds a date',
    format: 'any',
    at: 'uploaded name',
    onDownload: 'replaced',
    source: 'DICOM PS3.15, table E.1-1: dates',
  },
  {
    kind: 'name.person',
    name: 'The file’s name looks like a person’s',
    format: 'any',
    at: 'uploaded name',
    onDownload: 'replaced',
    source: 'DICOM PS3.15, table E.1-1: patient’s name',
  },
  {
    kind: 'file.unread',
    name: 'A header that Stroma cannot look through; take it as identifying',
    format: 'any',
    at: 'the whole file',
    onDownload: 'removed',
    source: 'Stroma: what was not looked at is not called clean',
  },
];
