'use client';
import { Button } from '@mantine/core';
import type { ScaleChoice } from '@stroma/core/http/scale';
import type { SlideMessage } from '@stroma/core/http/slide';
import { type PixelSpacing, spacingLabel } from '@stroma/core/units';
import { useMemo } from 'react';
import { MppField } from './mpp-field.tsx';
import classes from './scale.module.css';
import { ScaleConsequences } from './scale-consequences.tsx';
import { useChooseScale } from './use-choose-scale.ts';

type Scaled = Pick<SlideMessage, 'id' | 'name' | 'vendor' | 'mpp' | 'mppSource' | 'scale'>;

/** What is said of a slide's scale, with who says it; one click makes either count, or another value is typed. */
export function ScaleForm({ slide }: { slide: Scaled }) {
  const { declared, derived, user, reason } = slide.scale;
  const choosing = useChooseScale(useMemo(() => [slide.id], [slide.id]));
  const statements: [ScaleChoice['use'], string, PixelSpacing | null][] = [
    ['declared', `${slide.vendor ?? 'File'} header`, declared],
    ['derived', 'Resolution tags', derived],
    ['user', 'Entered by hand', user],
  ];
  const said = statements.flatMap(([use, who, mpp]) => (mpp ? [{ use, who, mpp }] : []));
  return (
    <div className={classes.scale} data-testid="scale-form" data-state={slide.scale.state}>
      {slide.scale.state !== 'known' && <p className={classes.question}>{reason}</p>}
      {said.length > 0 && (
        <ul className={classes.statements}>
          {said.map(({ use, who, mpp }) => (
            <li key={use}>
              <span>
                {who}: <strong>{spacingLabel(mpp, 4)}</strong>
              </span>
              {slide.mppSource === use ? (
                <span className="soft" title={reason}>
                  counts
                </span>
              ) : (
                <Button
                  size="compact-xs"
                  variant="default"
                  loading={choosing.ask.busy}
                  aria-label={`Use the scale of ${slide.name} by: ${who}`}
                  onClick={() => void choosing.ask.run(use === 'user' ? { use, mpp } : { use })}
                >
                  Use
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      <MppField
        label={`µm/px at level 0 of ${slide.name}`}
        busy={choosing.ask.busy}
        onSet={(mpp) => void choosing.ask.run({ use: 'user', mpp })}
      />
      <ScaleConsequences of={choosing} />
    </div>
  );
}
