import { bytesLabel, durationLabel } from '@stroma/core/units';
import { counted } from '../parts/number-label.ts';
import { type Found, isSettled } from './found.ts';
import type { UploadItem } from './upload-item.ts';

/** `2 sending, 5 waiting, 31 MB/s, 4 min left` */
export function summary(items: readonly UploadItem[], found: Map<string, Found>, unfinished: number): string {
  const sent = items.filter((item) => item.state === 'sent');
  const ofSent = sent.map((item) => found.get(item.serverId ?? ''));
  const findings = ofSent.filter(isSettled).flatMap((one) => one?.findings ?? []);
  const slides = findings.filter((finding) => finding.kind === 'slide').length;
  const counts: [number, string][] = [
    [items.filter((item) => item.state === 'sending').length, 'sending'],
    [items.filter((item) => item.state === 'waiting').length, 'waiting'],
    [items.filter((item) => item.state === 'paused').length, 'paused'],
    [items.filter((item) => item.state === 'failed').length, 'failed'],
    [ofSent.filter((one) => !isSettled(one)).length, 'being read'],
    [findings.filter((finding) => finding.kind === 'refused').length, 'refused'],
    [unfinished, 'unfinished'],
  ];
  const parts = counts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  if (slides > 0) parts.push(`${counted(slides, 'slide')} registered`);
  const rate = items.reduce((sum, item) => sum + item.rate, 0);
  if (rate > 0) {
    const left = items
      .filter((item) => item.state === 'sending' || item.state === 'waiting')
      .reduce((sum, item) => sum + item.bytes - item.bytesSent, 0);
    parts.push(`${bytesLabel(rate)}/s`, `${durationLabel(left / rate)} left`);
  }
  return parts.join(', ');
}

const order = ['sending', 'failed', 'refused', 'paused', 'reading', 'receiving', 'waiting', 'registered'];

/** What moves or went wrong stands above what waits or is done; otherwise as added. */
export function byInterest(items: readonly UploadItem[], found: Map<string, Found>): UploadItem[] {
  const rank = (item: UploadItem) =>
    order.indexOf(item.state === 'sent' ? (found.get(item.serverId ?? '')?.status ?? 'reading') : item.state);
  return [...items].sort((a, b) => rank(a) - rank(b));
}
