'use client';
import { Button, Textarea } from '@mantine/core';
import { type DragEvent, useRef, useState } from 'react';
import { counted } from '../parts/number-label.ts';
import classes from './cohorts.module.css';

const example = 'slide_id,patient_id,grade\nS-0001,P-01,benign\nS-0002,P-02,invasive';

/** Labels as CSV: pasted, typed, dropped or chosen. */
export function CsvField({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const [over, setOver] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  const read = async (file: File | undefined) => {
    if (file) onChange(await file.text());
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void read(event.dataTransfer.files[0]);
  };
  const lines = Math.max(0, value.split('\n').filter((line) => line.trim() !== '').length - 1);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the text field and the button are the first
    <div
      className={classes.csv}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Textarea
        label="Labels"
        description="CSV with the columns slide_id (file name without its ending, or the slide’s uuid), patient_id, grade; a column site shows how grades are spread over sites. Paste it, or drop a file here."
        placeholder={example}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        minRows={12}
        maxRows={24}
        autosize
        required
        data-testid="cohort-labels"
        classNames={{ input: 'mono' }}
      />
      <div className={classes.csvFoot}>
        <input
          ref={chooser}
          hidden
          type="file"
          accept=".csv,text/csv,text/plain"
          data-testid="cohort-labels-file"
          onChange={(event) => void read(event.currentTarget.files?.[0])}
        />
        <Button variant="default" size="compact-xs" onClick={() => chooser.current?.click()}>
          Choose a CSV file…
        </Button>
        <span className="soft">{lines > 0 ? `${counted(lines, 'row')} below the heading` : 'nothing yet'}</span>
      </div>
    </div>
  );
}
