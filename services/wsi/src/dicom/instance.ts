import { open } from 'node:fs/promises';
import type { DataSet } from 'dicom-parser';
import { copyRemedy, refuse } from '../refusal.ts';
import { readDicomHeader } from './header.ts';

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
/** PS3.5 9.1: at most 64 digits and dots. */
const uidShape = /^[0-9][0-9.]{0,62}[0-9]$/;

/** Reads what comes before the pixels; undefined for DICOM that is no picture of a whole slide. */
export async function readDicomInstance(file: string): Promise<DicomInstance | undefined> {
  const handle = await open(file, 'r');
  try {
    const { dataSet } = await readDicomHeader(handle, (await handle.stat()).size);
    if (dataSet.string('x00080016') !== wholeSlideClass) return undefined;
    return {
      seriesUid: uid(dataSet, 'x0020000e', 'SeriesInstanceUID'),
      instanceUid: uid(dataSet, 'x00080018', 'SOPInstanceUID'),
      flavor: flavorOf(dataSet),
      width: dataSet.uint32('x00480006') ?? 0,
      height: dataSet.uint32('x00480007') ?? 0,
    };
  } finally {
    await handle.close();
  }
}

function flavorOf(dataSet: DataSet): DicomFlavor {
  const given = dataSet.string('x00080008', 2)?.toLowerCase();
  const flavor = dicomFlavors.find((one) => one === given);
  return flavor ?? refuseInstance(`ImageType ${dataSet.string('x00080008') ?? 'without values'}`);
}

function uid(dataSet: DataSet, tag: string, name: string): string {
  const value = dataSet.string(tag) ?? '';
  return uidShape.test(value) ? value : refuseInstance(`${name} ${JSON.stringify(value.slice(0, 80))}`);
}

function refuseInstance(found: string): never {
  refuse('dicom_instance', {
    message: 'The DICOM file does not say which part of which slide it is.',
    expected: 'ImageType, SOPInstanceUID and SeriesInstanceUID of a whole-slide instance (DICOM PS3.3 A.32.8)',
    found,
    where: 'the header of the file',
    remedy: copyRemedy,
  });
}
