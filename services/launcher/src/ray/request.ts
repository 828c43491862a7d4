import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface Answer {
  status: number;
  text: string;
}

const answerMs = 20_000;
/** A job's log may be long, but not without bound. */
const maxBytes = 64_000_000;

/** Not fetch: it sends Sec-Fetch-Mode, by which Ray's dashboard takes a program for a browser and refuses its jobs. */
export async function request(
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<Answer> {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const content = text ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } : {};
  return await new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(answerMs);
    const asking = send(url, { method, headers: { ...headers, ...content }, signal }, (answer) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes > maxBytes) asking.destroy(new Error(`an answer of more than ${maxBytes / 1e6} MB`));
        else pieces.push(piece);
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(pieces).toString('utf8') }));
      answer.on('error', reject);
    });
    asking.on('error', (error) => reject(signal.aborted ? new Error(`no answer in ${answerMs / 1000} s`) : error));
    asking.end(text);
  });
}
