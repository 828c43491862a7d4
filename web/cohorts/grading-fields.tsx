import { Choice } from '../parts/choice.tsx';
import { NumberField } from '../parts/number-field.tsx';
import classes from './cohorts.module.css';
import type { Grading } from './grading-overrides.ts';

const own = 'the preset’s own';

/** How slides are graded, folded away: most jobs keep the preset's settings. */
export function GradingFields({ grading, onChange }: { grading: Grading; onChange: (grading: Grading) => void }) {
  const change = (values: Partial<Grading>) => onChange({ ...grading, ...values });
  return (
    <details className={classes.grading} data-testid="grading">
      <summary>Grading</summary>
      <div className={classes.gradingFields}>
        <Choice
          label="Attention"
          anything={own}
          options={[
            { value: 'ungated', label: 'ungated' },
            { value: 'gated', label: 'gated' },
          ]}
          value={grading.attention}
          onChange={(attention) => change({ attention: attention as Grading['attention'] })}
          testId="job-attention"
        />
        <NumberField
          label="Projection to"
          placeholder={own}
          value={grading.projection}
          onChange={(projection) => change({ projection })}
          min={0}
          max={8192}
          step={64}
          rightSection={<span className="soft">dimensions</span>}
          rightSectionWidth={88}
          data-testid="job-projection"
        />
        <NumberField
          label="Models a fold"
          placeholder={own}
          value={grading.models}
          onChange={(models) => change({ models })}
          min={1}
          max={100}
          data-testid="job-models"
        />
        <Choice
          label="Embedding by"
          anything={own}
          options={[
            { value: '32-bit', label: '32-bit products' },
            { value: '8-bit', label: '8-bit products' },
          ]}
          value={grading.embedding}
          onChange={(embedding) => change({ embedding: embedding as Grading['embedding'] })}
          testId="job-embedding"
        />
      </div>
      <p className={classes.meaning}>
        What is left open is the preset’s own: ungated attention over the embeddings as they are, one model a fold
        (bright: three). A gate, learnt beside attention, scales each of its features between 0 and 1; a projection of 0
        is none. More models a fold, each from a seed of its own, are averaged and take as many times longer. How many
        folds there are is the cohort’s. 8-bit products embed about twice as fast on a recent processor, and are used
        only where embeddings stay the same within cosine 0.995.
      </p>
    </details>
  );
}
