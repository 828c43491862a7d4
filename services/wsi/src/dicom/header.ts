import { type FileHandle, open } from 'node:fs/promises';
import { StromaError } from '@stroma/core/errors';
import dicom, { type DataSet } from 'dicom-parser';
import { copyRemedy, refuse } from '../refusal.ts';

/** What an instance is a picture of (third value of ImageType, PS3.3 C.8.12.4.1.1). */
export const dicomFlavors = ['volume', 'thumbnail', 'label', 'overview'] as const;
export type DicomFlavor = (typeof dicomFlavors)[number];

/** One instance (file) of a whole-slide series. */
export interface DicomInstance {
  seriesUid: string;
  instanceUid: string;
  flavor: DicomFlavor;
  /** px of the whole picture; a series' largest volume is its level 0. */
  width: number;
  height: number;
}

const wholeSlideClass = '1.2.840.10008.5.1.4.1.1.77.1.6';
const pixelData = 'x7fe00010';
/** Only the places of frames make headers long; a slide of 500,000 px a side stays below the last. */
const headerBytes = [64 * 1024, 1024 * 1024, 16 * 1024 * 1024, 64 * 1024 * 1024];
/** PS3.5 9.1: at most 64 digits and dots. */
const uidShape = /^[0-9][0-9.]{0,62}[0-9]$/;

/** Reads what comes before the pixels. `other`: DICOM, but no picture of a whole slide. */
export async function readDicomHeader(file: string): Promise<DicomInstance | { other: string }> {
  const handle = await open(file, 'r');
  try {
    const header = await parseHeader(handle);
    const kind = header.string('x00080016') ?? '';
    if (kind !== wholeSlideClass) return { other: kind || 'no SOP class' };
    return {
      seriesUid: uid(header, 'x0020000e', 'SeriesInstanceUID'),
      instanceUid: uid(header, 'x00080018', 'SOPInstanceUID'),
      flavor: flavorOf(header),
      width: header.uint32('x00480006') ?? 0,
      height: header.uint32('x00480007') ?? 0,
    };
  } finally {
    await handle.close();
  }
}

async function parseHeader(handle: FileHandle): Promise<DataSet> {
  const { size } = await handle.stat();
  for (const length of headerBytes) {
    const bytes = Buffer.alloc(Math.min(length, size));
    await handle.read(bytes, 0, bytes.length, 0);
    try {
      const header = dicom.parseDicom(bytes, { untilTag: pixelData, inflater: refuseDeflated });
      // Without the pixels' tag the header may have been cut just between two elements.
      if (header.elements[pixelData] || bytes.length === size) return header;
    } catch (error) {
      if (error instanceof StromaError) throw error;
      if (bytes.length === size) refuseHeader(String((error as { exception?: unknown }).exception ?? error));
    }
  }
  refuseHeader(`no pixels within the first ${headerBytes.at(-1)} bytes`);
}

/** A deflated data set may grow a thousandfold in memory; no slide is stored so. */
function refuseDeflated(): never {
  refuseHeader('a deflated transfer syntax');
}

function flavorOf(header: DataSet): DicomFlavor {
  const given = header.string('x00080008', 2)?.toLowerCase();
  const flavor = dicomFlavors.find((one) => one === given);
  return flavor ?? refuseHeader(`ImageType ${header.string('x00080008') ?? 'without values'}`);
}

function uid(header: DataSet, tag: string, name: string): string {
  const value = header.string(tag) ?? '';
  return uidShape.test(value) ? value : refuseHeader(`${name} ${JSON.stringify(value.slice(0, 80))}`);
}

function refuseHeader(found: string): never {
  refuse('dicom_header', {
    message: 'The header of the DICOM file cannot be read.',
    expected: 'a whole-slide instance with ImageType, SOPInstanceUID and SeriesInstanceUID (DICOM PS3.3 A.32.8)',
    found,
    where: 'the elements before the pixels',
    remedy: copyRemedy,
  });
}
