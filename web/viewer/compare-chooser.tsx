import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { SamePatientList } from '@stroma/core/http/same-patient';
import type { SlideDetail, SlideList } from '@stroma/core/http/slide';
import { scaleLabel } from '@stroma/core/units';
import { useState } from 'react';
import { useJson } from '../data/use-json.ts';
import { encoderWord } from '../jobs/stage-word.ts';
import { Answer } from '../parts/answer.tsx';
import { Dialog } from '../parts/dialog.tsx';
import classes from './panel.module.css';
import type { Second } from './second-address.ts';
import type { Encoder, SlideGrades } from './slide-grades.ts';

interface Props {
  slide: SlideDetail;
  grades: SlideGrades;
  /** Whose heat map is on the slide now. */
  encoder: Encoder | null;
  opened: boolean;
  onClose: () => void;
  onChoose: (second: Second) => void;
}

/** What to put beside the slide: the other encoder's heat map, another slide of the patient, or any other. */
export function CompareChooser({ opened, onClose, onChoose, ...what }: Props) {
  const choose = (second: Second) => {
    onChoose(second);
    onClose();
  };
  return (
    <Dialog opened={opened} onClose={onClose} title="Compare with" centered>
      <Choices {...what} onChoose={choose} />
    </Dialog>
  );
}

function Choices({ slide, grades, encoder, onChoose }: Omit<Props, 'opened' | 'onClose'>) {
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed, 250);
  const patient = useJson<SamePatientList>(`/api/slides/${slide.id}/same-patient`);
  const found = useJson<SlideList>(`/api/slides?limit=50&search=${encodeURIComponent(search)}`, {
    keepPreviousData: true,
  });
  const other: Encoder = encoder === 'dino' ? 'gen_dino' : 'dino';
  return (
    <div className={classes.choices}>
      <button
        type="button"
        className="link"
        data-autofocus
        onClick={() => onChoose({ slideId: slide.id, encoder: grades.of[other] ? other : null })}
        data-testid="compare-same"
      >
        {grades.of[other] ? `This slide, heat map of ${encoderWord[other]}` : 'This slide once more'}
      </button>
      <h3>Of the same patient</h3>
      <Answer of={patient} what="the patient’s slides">
        {({ slides }) =>
          slides.length === 0 ? (
            <p className="soft">No cohort names another slide of this patient.</p>
          ) : (
            <ul className={classes.patientSlides}>
              {slides.map((one) => (
                <li key={one.slideId}>
                  <button
                    type="button"
                    className="link"
                    onClick={() => onChoose({ slideId: one.slideId, encoder })}
                    data-testid="compare-patient"
                  >
                    {one.name}
                  </button>{' '}
                  <span className="soft">
                    {one.patientId} in “{one.cohortName}”{one.mpp && `, ${scaleLabel(one.mpp.x)}`}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
      <h3>Another slide</h3>
      <TextInput
        type="search"
        aria-label="Search slides by name"
        placeholder="Search by name"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Answer of={found} what="slides">
        {({ slides }) => {
          const others = slides.filter((one) => one.id !== slide.id);
          if (others.length === 0) return <p className="soft">No other slide has such a name.</p>;
          return (
            <ul className={classes.otherSlides}>
              {others.map((one) => (
                <li key={one.id}>
                  <button
                    type="button"
                    className="link"
                    onClick={() => onChoose({ slideId: one.id, encoder })}
                    data-testid="compare-other"
                  >
                    {one.name}
                  </button>
                </li>
              ))}
            </ul>
          );
        }}
      </Answer>
    </div>
  );
}
