import { mkdir, rm } from 'node:fs/promises';
import { type Problem, StromaError } from '@stroma/core/errors';
import type { Connection } from '@stroma/db/client';
import { endReading, type Finding } from '@stroma/db/upload-findings';
import type { Handler } from '@stroma/db/worker';
import type { ObjectStore } from '@stroma/storage/object-store';
import { findSlides } from './slides/find-slides.ts';
import { findingOf, registerFound } from './slides/register.ts';
import { registerSeries, type SeriesRegistration } from './slides/register-series.ts';
import { takeIn } from './upload/take-in.ts';
import type { Unpacked } from './upload/unpack-zip.ts';
import type { LeftOut } from './upload/upload-file.ts';
import { type UploadToRead, uploadToRead } from './upload/upload-to-read.ts';

export interface ReadSlideOptions {
  connection: Connection;
  store: ObjectStore;
  /** Absolute; a run may read files of this folder only. */
  uploads: string;
  log(message: string): void;
}

/**
 * upload → slides. The upload's files stay where they are until everything is committed, so a run that is killed at any
 * point starts again from the same bytes; a slide's files are in the store before its row is. What is wrong with one
 * slide is that slide's refusal; the others are registered.
 */
export function readSlideHandler({ connection, store, uploads, log }: ReadSlideOptions): Handler {
  const { db } = connection;
  return async ({ run, lease, signal, report, step }) => {
    const upload = await uploadToRead(db, run.config, uploads);
    const { workFolder } = upload;
    await rm(workFolder, { recursive: true, force: true });
    await mkdir(workFolder);
    const startedAt = run.startedAt ?? new Date();
    const registration = { db, store, lease, startedAt, workFolder, signal, step, uploads };
    const taken = await step('take in', () => takeIn(upload, signal, report)).catch(refusalOf);
    const findings =
      'problem' in taken
        ? [findingOf(upload.name, upload.files, taken)]
        : await findAndRegister(upload, taken, registration);
    // The name may be a patient's; the portal shows it beside the reason.
    for (const { problem } of findings ?? []) if (problem) log(`run ${run.id} refused: ${problem.code}`);
    // What was unpacked lies in the store by now.
    await rm(workFolder, { recursive: true, force: true });
    if (findings) {
      await endReading(db, lease, upload.delivery, findings);
      for (const { file } of upload.files) await rm(file, { force: true });
    }
  };
}

/** Undefined when the upload waits for the rest of its series: it has been ended so, and its file stays. */
async function findAndRegister(
  upload: UploadToRead,
  { files, leftOut }: Unpacked,
  registration: Omit<SeriesRegistration, 'mayWait'>,
): Promise<Finding[] | undefined> {
  const { db, lease, step } = registration;
  const found = await step('group', () => findSlides(files, upload.name));
  const findings = found.problems.map((refused) => findingOf(refused.name, refused.files, refused));
  const besides = [...leftOut, ...found.leftOut];
  let fault: unknown;
  for (const slide of found.slides) {
    const sources = slide.parts.map((part) => part.source);
    const registered = await registerFound(registration, slide).catch((error: unknown) => {
      if (registration.signal.aborted || !(error instanceof StromaError)) throw error;
      fault ??= error;
    });
    if (!registered) continue;
    const finding = findingOf(slide.name, sources, registered);
    const { problem } = finding;
    if (files.length > 1 && !slide.inFolder && problem && isOtherKind(problem.code)) {
      besides.push({ path: sources[0]?.path ?? '', bytes: finding.bytes, reason: problem.found ?? problem.message });
    } else findings.push(finding);
  }
  // Its neighbours are slides by now, and are known when the upload is read again.
  if (fault) throw fault;
  const mayWait = 'uploadId' in upload.delivery && files.length === 1 && files[0]?.file === upload.files[0]?.file;
  let waits = false;
  for (const series of found.series) {
    await registerSeries({ ...registration, mayWait }, series, async (finding) => {
      waits = finding.kind === 'waiting';
      if (!waits) return void findings.push(finding);
      await rm(upload.workFolder, { recursive: true, force: true });
      // Ended under the series' lock: the next file of the series then finds this one waiting.
      await endReading(db, lease, upload.delivery, [finding]);
    });
  }
  return waits ? undefined : [...findings, ...byReason(besides)];
}

function refusalOf(error: unknown): { problem: Problem } {
  if (error instanceof StromaError) return { problem: error.problem };
  throw error;
}

/** Refusals that say: this is no slide at all. */
const isOtherKind = (code: string) => code === 'slide.unknown_format' || code === 'slide.not_tiff';

/** A folder of a thousand pictures is one line: what they are, and which. */
function byReason(leftOut: readonly LeftOut[]): Finding[] {
  const reasons = [...new Set(leftOut.map((one) => one.reason))];
  return reasons.map((reason) => {
    const some = leftOut.filter((one) => one.reason === reason);
    const bytes = some.reduce((sum, one) => sum + one.bytes, 0);
    return { kind: 'left_out', name: reason, files: some.map((one) => one.path), bytes };
  });
}
