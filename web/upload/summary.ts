import type { UploadMessage } from '@stroma/core/http/upload';
import { bytesLabel, durationLabel } from '@stroma/core/units';
import type { UploadItem } from './upload-item.ts';

/** `2 sending, 5 waiting, 31 MB/s, 4 min left` */
export function summary(items: readonly UploadItem[], found: Map<string, UploadMessage>, interrupted: number): string {
  const status = (item: UploadItem) => (item.uploadId ? found.get(item.uploadId)?.status : undefined);
  const sent = items.filter((item) => item.state === 'sent');
  const counts: [number, string][] = [
    [items.filter((item) => item.state === 'sending').length, 'sending'],
    [items.filter((item) => item.state === 'waiting').length, 'waiting'],
    [items.filter((item) => item.state === 'paused').length, 'paused'],
    [items.filter((item) => item.state === 'failed').length, 'failed'],
    [sent.filter((item) => !['registered', 'refused'].includes(status(item) ?? '')).length, 'being read'],
    [sent.filter((item) => status(item) === 'registered').length, 'registered'],
    [sent.filter((item) => status(item) === 'refused').length, 'refused'],
    [interrupted, 'interrupted'],
  ];
  const parts = counts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  const rate = items.reduce((sum, item) => sum + item.rate, 0);
  if (rate > 0) {
    const left = items
      .filter((item) => item.state === 'sending' || item.state === 'waiting')
      .reduce((sum, item) => sum + item.bytes - item.bytesSent, 0);
    parts.push(`${bytesLabel(rate)}/s`, `${durationLabel(left / rate)} left`);
  }
  return parts.join(', ');
}

const order = ['sending', 'failed', 'refused', 'paused', 'reading', 'waiting', 'registered'];

/** What moves or went wrong stands above what waits or is done; otherwise as added. */
export function byInterest(items: readonly UploadItem[], found: Map<string, UploadMessage>): UploadItem[] {
  const rank = (item: UploadItem) => {
    if (item.state !== 'sent') return order.indexOf(item.state);
    const status = item.uploadId ? found.get(item.uploadId)?.status : undefined;
    return order.indexOf(status === 'registered' || status === 'refused' ? status : 'reading');
  };
  return [...items].sort((a, b) => rank(a) - rank(b));
}
