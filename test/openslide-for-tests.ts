import { provideOpenSlide } from '@stroma/infra/setup/openslide-library';

/** Test processes find OpenSlide's library as services do, by STROMA_OPENSLIDE. */
export default async function setup(): Promise<void> {
  if (await provideOpenSlide('test')) return;
  console.log('OpenSlide is not installed: tests of formats that it reads are skipped');
}
