import { Button, Switch, TextInput } from '@mantine/core';
import type { AnnotationMessage } from '@stroma/core/http/annotation';
import { useEffect, useId, useState } from 'react';
import { Moment } from '../parts/moment.tsx';
import { defaultColour } from './annotation-shapes.ts';
import classes from './annotations.module.css';
import type { Annotations } from './use-annotations.ts';

/** Apart from each other for the colour-blind too, and from the pinks of a stain. */
const colours = [
  ['yellow', defaultColour],
  ['orange', '#e69f00'],
  ['vermilion', '#d55e00'],
  ['sky blue', '#56b4e9'],
  ['blue', '#0072b2'],
  ['green', '#009e73'],
  ['black', '#000000'],
  ['white', '#ffffff'],
] as const;

/** What can be changed about the chosen annotation. Text is saved when the field is left. */
export function AnnotationForm({
  annotation,
  annotations,
}: {
  annotation: AnnotationMessage;
  annotations: Annotations;
}) {
  const { classification, colour, isLocked, mayChange, author, updatedAt } = annotation;
  const names = useId();
  const [name, setName] = useState(annotation.name ?? '');
  const [className, setClass] = useState(classification?.name ?? '');
  useEffect(() => setName(annotation.name ?? ''), [annotation.name]);
  useEffect(() => setClass(classification?.name ?? ''), [classification?.name]);
  const known = new Map((annotations.all ?? []).flatMap(({ classification: one }) => (one ? [[one.name, one]] : [])));
  const who = (
    <span className="soft">
      {author ?? 'Somebody who has left'}, <Moment at={updatedAt} />
    </span>
  );
  if (!mayChange) {
    return (
      <div className={classes.form}>
        {who}
        <span className="soft">Only its author or an admin may change it.</span>
      </div>
    );
  }
  const saveName = () => {
    const next = name.trim() || null;
    if (next !== annotation.name) void annotations.change(annotation, { name: next });
  };
  const saveClass = (text: string) => {
    const next = text.trim();
    if (next === (classification?.name ?? '')) return;
    void annotations.change(annotation, {
      classification: next === '' ? null : (known.get(next) ?? { name: next, colour: null }),
    });
  };
  const enter = (save: () => void) => (event: React.KeyboardEvent) => event.key === 'Enter' && save();
  return (
    <div className={classes.form}>
      <TextInput
        size="xs"
        label="Name"
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        onBlur={saveName}
        onKeyDown={enter(saveName)}
        data-testid="annotation-name"
      />
      <TextInput
        size="xs"
        label="Class"
        maxLength={200}
        list={names}
        value={className}
        onChange={(event) => setClass(event.currentTarget.value)}
        onBlur={() => saveClass(className)}
        onKeyDown={enter(() => saveClass(className))}
        data-testid="annotation-class"
      />
      <datalist id={names}>
        {[...known.keys()].sort().map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <fieldset className={classes.colours}>
        <legend>Colour</legend>
        {colours.map(([word, value]) => (
          <button
            key={value}
            type="button"
            aria-label={word}
            title={word}
            aria-pressed={colour === value}
            style={{ background: value }}
            onClick={() => void annotations.change(annotation, { colour: colour === value ? null : value })}
          />
        ))}
      </fieldset>
      <div className={classes.acts}>
        <Switch
          size="xs"
          label="Locked"
          checked={isLocked}
          onChange={(event) => void annotations.change(annotation, { isLocked: event.currentTarget.checked })}
        />
        <Button
          size="compact-xs"
          variant="default"
          disabled={isLocked}
          onClick={() => void annotations.remove(annotation)}
          data-testid="annotation-delete"
        >
          Delete
        </Button>
        {who}
      </div>
    </div>
  );
}
