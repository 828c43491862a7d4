import { useDisclosure } from '@mantine/hooks';
import type { Lineage } from '@stroma/core/http/model';
import type { PredictionMessage } from '@stroma/core/http/slide';
import { Suspense } from 'react';
import { useJson } from '../data/use-json.ts';
import { encoderWord } from '../jobs/stage-word.ts';
import { Answer } from '../parts/answer.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Loading } from '../parts/loading.tsx';
import { LineageView } from './lazy-parts.tsx';
import classes from './panel.module.css';

/** What a grade was made of, back to the slides and the seed; asked for when somebody wants to know. */
export function GradeOrigin({ prediction }: { prediction: PredictionMessage }) {
  const [opened, { open, close }] = useDisclosure(false);
  const title = `How the grade by ${encoderWord[prediction.encoder]} was made, job ${prediction.jobId}`;
  return (
    <p className={classes.note}>
      <button type="button" className="link" aria-haspopup="dialog" onClick={open} data-testid="grade-origin">
        How this grade was made
      </button>
      <Dialog opened={opened} onClose={close} title={title} size="auto" centered>
        <Origin predictionId={prediction.id} />
      </Dialog>
    </p>
  );
}

function Origin({ predictionId }: { predictionId: number }) {
  const lineage = useJson<Lineage>(`/api/predictions/${predictionId}/lineage`, { revalidateOnFocus: false });
  return (
    <Answer of={lineage} what="what the grade was made of">
      {(found) => (
        <Suspense fallback={<Loading what="the graph" />}>
          <LineageView lineage={found} current="grade" />
        </Suspense>
      )}
    </Answer>
  );
}
