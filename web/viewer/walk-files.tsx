import type { WalkQuestion } from './walk-drawings.ts';

const formats = [
  ['png', 'PNG strip'],
  ['gif', 'GIF'],
  ['json', 'JSON'],
] as const;

/** The walk to take away: every file says in its pixels, metadata or name that it is synthetic. */
export function WalkFiles({ question: { jobId, ...drawing } }: { question: WalkQuestion }) {
  const query = new URLSearchParams(Object.entries(drawing).map(([name, value]) => [name, String(value)]));
  return (
    <span data-testid="walk-files">
      Download{' '}
      {formats.map(([format, word], index) => (
        <span key={format}>
          {index > 0 && ' · '}
          <a href={`/api/jobs/${jobId}/walk/file?${query}&format=${format}`} download>
            {word}
          </a>
        </span>
      ))}
    </span>
  );
}
