import { refuse } from '../refusal.ts';

/** Ends a download that cannot be promised to be clean. */
export function refuseCopy(found: string, where?: string): never {
  refuse('not_deidentifiable', {
    message:
      'Stroma cannot make a de-identified copy of this slide: what it leaves in the file could not be vouched for.',
    expected:
      'Aperio SVS, OME-TIFF, NDPI below 4 GB, a pyramidal TIFF, or a DICOM series, with JPEG, JPEG 2000, LZW, Deflate or no compression',
    found,
    ...(where ? { where } : {}),
    remedy:
      'Export the slide from the scanner software as Aperio SVS, pyramidal TIFF or DICOM and upload that; an admin can take the original file.',
  });
}
