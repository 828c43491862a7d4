import type { WalkQuestion } from './walk-drawings.ts';

const formats = [
  ['png', 'PNG strip'],
  ['gif', 'GIF'],
  ['json', 'JSON'],
] as const;

/** The walk to take away: every file says in its pixels, metadata or name that it is synthetic. */
export function WalkFiles({ question: { jobId, ...drawing }, alpha }: { question: WalkQuestion; alpha: number }) {
  const query = new URLSearchParams(Object.entries(drawing).map(([name, value]) => [name, String(value)]));
  const file = `/api/jobs/${jobId}/walk/file?${query}`;
  return (
    <span data-testid="walk-files">
      Download{' '}
      {formats.map(([format, word], index) => (
        <span key={format}>
          {index > 0 && ' · '}
          <a href={`${file}&format=${format}`} download>
            {word}
          </a>
        </span>
      ))}
      {' · '}
      <a href={`${file}&format=png&pictures=1&alphaPrimary=${alpha}`} download>
        this picture
      </a>
    </span>
  );
}
