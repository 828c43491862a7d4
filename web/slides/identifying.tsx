import { Button } from '@mantine/core';
import { codedSlideName } from '@stroma/core/coded-name';
import type { Me } from '@stroma/core/http/account';
import type { IdentifyingField, SlideDetail, SlideFilePlan } from '@stroma/core/http/slide';
import { bytesLabel } from '@stroma/core/units';
import { useJson } from '../data/use-json.ts';
import { Icon } from '../parts/icon.tsx';
import { counted } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import classes from './identifying.module.css';

/** What the file says about somebody, by kind, and the copy that leaves it out. */
export function Identifying({ slide }: { slide: SlideDetail }) {
  const { identifiers } = slide;
  return (
    <>
      <p className={classes.sum}>{sumOf(slide)}</p>
      {identifiers.length > 0 && (
        <details className={classes.list}>
          <summary>Which ones</summary>
          <ul>
            {identifiers.map((field) => (
              <li key={field.kind} title={`${field.place}. ${field.source}`}>
                {field.name}
                <span className="soft">{looksOf(field)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      <TakeFile slide={slide} />
    </>
  );
}

function sumOf({ identifying }: SlideDetail): string {
  if (!identifying) return 'This file was added before files were looked through for names.';
  const { fields, images } = identifying;
  if (fields + images === 0) return 'No identifying field or image was found.';
  const found = [
    fields > 0 ? counted(fields, 'identifying field') : '',
    images > 0 ? counted(images, 'image') : '',
  ].filter(Boolean);
  return `${found.join(' and ')} found; none is served, exported or trained on.`;
}

function looksOf({ hint, occurrences }: IdentifyingField): string {
  const parts = [hint, occurrences > 1 ? `${occurrences} times` : null].filter(Boolean);
  return parts.length > 0 ? `, ${parts.join(', ')}` : '';
}

function TakeFile({ slide }: { slide: SlideDetail }) {
  const plan = useJson<SlideFilePlan>(`/api/slides/${slide.id}/file/plan`);
  const me = useJson<Me>('/api/me');
  const file = `/api/slides/${slide.id}/file`;
  return (
    <div className={classes.take}>
      <span className="soft">Outside it is called {codedSlideName(slide.id)}.</span>
      {plan.error && <ProblemView compact problem={plan.error.problem} />}
      {plan.data && (
        <Button component="a" href={file} download variant="default" leftSection={<Icon name="download" size={14} />}>
          De-identified copy{plan.data.bytes === null ? '' : `, ${bytesLabel(plan.data.bytes)}`}
        </Button>
      )}
      {me.data?.role === 'admin' && (
        <a href={`${file}?deidentified=0`} download className={classes.original}>
          Original file, with all it holds; the audit notes it
        </a>
      )}
    </div>
  );
}
