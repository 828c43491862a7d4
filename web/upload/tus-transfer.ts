import type { Problem } from '@stroma/core/errors';
import type { DetailedError, Upload } from 'tus-js-client';

export interface Transfer {
  pause(): void;
}

export interface Listeners {
  progress(sent: number): void;
  resumed(offset: number): void;
  /** The upload's name on the server. */
  done(uploadId: string): void;
  failed(problem: Problem): void;
}

/**
 * Sends one file by tus. Of a file by itself the fingerprint (name, size, time) lies in localStorage, so that the same
 * file chosen again after a browser restart goes on where it stopped; of a file of a group the server knows (`goOnAt`).
 */
export async function sendFile(
  file: File,
  metadata: Record<string, string>,
  listeners: Listeners,
  goOnAt?: string,
): Promise<Transfer> {
  const tus = await import('tus-js-client');
  const alone = metadata.group === undefined;
  const upload: Upload = new tus.Upload(file, {
    endpoint: '/api/uploads',
    ...(goOnAt ? { uploadUrl: goOnAt } : {}),
    retryDelays: [0, 1000, 3000, 10_000, 30_000],
    metadata: { filetype: file.type || 'application/octet-stream', ...metadata },
    storeFingerprintForResuming: alone,
    removeFingerprintOnSuccess: true,
    onProgress: (sent) => listeners.progress(sent),
    onSuccess: () => listeners.done(upload.url?.split('/').pop() ?? ''),
    onError: (error) => listeners.failed(problemOf(error)),
  });
  const previous = alone ? (await upload.findPreviousUploads())[0] : undefined;
  if (previous) upload.resumeFromPreviousUpload(previous);
  let first = true;
  upload.options.onBeforeRequest = (request) => {
    if (first && request.getMethod() === 'PATCH') {
      listeners.resumed(Number(request.getHeader('Upload-Offset') ?? 0));
      first = false;
    }
  };
  upload.start();
  return { pause: () => void upload.abort() };
}

function problemOf(error: Error | DetailedError): Problem {
  const answer = 'originalResponse' in error ? error.originalResponse : null;
  if (answer?.getStatus() === 401)
    window.location.assign(`/sign-in?next=${encodeURIComponent(window.location.pathname)}`);
  try {
    const body = JSON.parse(answer?.getBody() ?? '') as { error?: Problem };
    if (body.error?.message) return body.error;
  } catch {
    // Not JSON: told below.
  }
  return {
    code: answer ? `upload.http.${answer.getStatus()}` : 'upload.network',
    message: answer
      ? `The server answered ${answer.getStatus()} while receiving the file.`
      : 'The connection broke while sending the file.',
    remedy: 'Retry: it goes on from the last byte that arrived.',
  };
}
