import { Modal, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { SamePatientList } from '@stroma/core/http/same-patient';
import type { SlideDetail, SlideList } from '@stroma/core/http/slide';
import { scaleLabel } from '@stroma/core/units';
import { useState } from 'react';
import { useJson } from '../data/use-json.ts';
import { encoderWord } from '../jobs/stage-word.ts';
import { Answer } from '../parts/answer.tsx';
import classes from './panel.module.css';
import type { Encoder, Grades } from './use-grades.ts';
import type { Second } from './use-second-slide.ts';

interface Props {
  slide: SlideDetail;
  grades: Grades;
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
    <Modal opened={opened} onClose={onClose} title="Compare with" centered>
      <Choices {...what} onChoose={choose} />
    </Modal>
  );
}

function Choices({ slide, grades, encoder, onChoose }: Omit<Props, 'opened' | 'onClose'>) {
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed, 250);
  const patient = useJson<SamePatientList>(`/api/slides/${slide.id}/same-patient`);
  const found = useJson<SlideList>(`/api/slides?limit=50&search=${encodeURIComponent(search)}`);
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
      <Select
        label="Another slide"
        placeholder="Type a name"
        searchable
        searchValue={typed}
        onSearchChange={setTyped}
        filter={({ options }) => options}
        data={(found.data?.slides ?? [])
          .filter((one) => one.id !== slide.id)
          .map((one) => ({ value: one.id, label: one.name }))}
        onChange={(id) => id && onChoose({ slideId: id, encoder })}
        nothingFoundMessage={found.isLoading ? 'Searching…' : 'No slide has such a name'}
        comboboxProps={{ withinPortal: true }}
        data-testid="compare-other"
      />
    </div>
  );
}
