import type { presets } from '@stroma/core/contract/run-directory';
import type * as exporting from '@stroma/core/http/export';
import type * as jobs from '@stroma/core/http/job';
import type * as slides from '@stroma/core/http/slide';

/** Contracts whose words come from a mapped list: a mapped union infers as never, so the words are put in from the list. */
type With<Message, Words> = Omit<Message, keyof Words> & Words;

export type Preset = (typeof presets)[number];
export type Stage = jobs.Stage;
export type RunStatus = jobs.RunStatus;
export type Layout = (typeof exporting.layouts)[number];

export type UploadMessage = With<slides.UploadMessage, { status: (typeof slides.uploadStatuses)[number] }>;
export interface UploadList {
  uploads: UploadMessage[];
}

export type RunMessage = With<jobs.RunMessage, { stage: Stage; status: RunStatus }>;
export type JobMessage = With<jobs.JobMessage, { status: RunStatus; preset: Preset }>;
export interface JobList {
  jobs: JobMessage[];
}
export type JobDetail = With<jobs.JobDetail, { status: RunStatus; preset: Preset; runs: RunMessage[] }>;
export type JobRequest = With<jobs.JobRequest, { preset: Preset }>;

export type ExportStatus = 'queued' | 'ready' | 'failed';
export type ExportMessage = With<exporting.ExportMessage, { layout: Layout; status: ExportStatus }>;
export interface ExportList {
  exports: ExportMessage[];
}
export type ExportRequest = With<exporting.ExportRequest, { layout: Layout }>;
