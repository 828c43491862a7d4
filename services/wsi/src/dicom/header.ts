import type { FileHandle } from 'node:fs/promises';
import { StromaError } from '@stroma/core/errors';
import dicomParser, { type DataSet, type Element } from 'dicom-parser';
import { copyRemedy, refuse, refuseContents } from '../refusal.ts';

/** Header and per-frame places of a sparse slide of a million frames need less. */
const maxHeaderBytes = 64 * 1024 * 1024;
const firstTry = 256 * 1024;
const pixelData = 'x7fe00010';
const big = '1.2.840.10008.1.2.2';
const deflated = '1.2.840.10008.1.2.1.99';

export interface DicomHeader {
  preamble: Buffer;
  transferSyntax: string;
  /** Everything before the pixels. */
  dataSet: DataSet;
  /** Where the pixel data element's value begins in the file; its length is not in the bytes that were read. */
  pixels: Element | undefined;
}

export function isDicom(head: Buffer): boolean {
  return head.toString('latin1', 128, 132) === 'DICM';
}

/** Reads as much of the file as lies before its pixels. */
export async function readDicomHeader(handle: FileHandle, size: number): Promise<DicomHeader> {
  for (let length = Math.min(size, firstTry); ; length = Math.min(size, length * 8)) {
    const bytes = Buffer.alloc(length);
    await handle.read(bytes, 0, length, 0);
    const dataSet = parsed(bytes);
    const pixels = dataSet?.elements[pixelData];
    if (dataSet && (pixels || length === size)) return header(bytes, dataSet, pixels);
    if (length === size || length >= maxHeaderBytes) {
      refuse('damaged', {
        message: 'The DICOM file’s header cannot be read; the file is damaged.',
        expected: `attributes as DICOM PS3.10 describes them, in at most ${maxHeaderBytes} bytes before the pixels`,
        found: 'something else',
        remedy: copyRemedy,
      });
    }
  }
}

/** Undefined where the bytes end within an attribute. */
function parsed(bytes: Buffer): DataSet | undefined {
  try {
    return dicomParser.parseDicom(bytes, { untilTag: pixelData, inflater: refuseDeflated });
  } catch (error) {
    if (error instanceof StromaError) throw error;
    return undefined;
  }
}

/** Asked before anything is inflated: a few MB would become as many GB in memory. */
function refuseDeflated(): never {
  refuseSyntax(deflated);
}

function refuseSyntax(found: string): never {
  refuseContents('a little-endian, not deflated transfer syntax', found, 'DICOM (0002,0010)');
}

function header(bytes: Buffer, dataSet: DataSet, pixels: Element | undefined): DicomHeader {
  const transferSyntax = dataSet.string('x00020010') ?? '';
  if (transferSyntax === big) refuseSyntax(transferSyntax);
  return { preamble: bytes.subarray(0, 128), transferSyntax, dataSet, pixels };
}
