import type { AnnotationMessage } from '@stroma/core/http/annotation';
import type { PixelSpacing } from '@stroma/core/units';
import { AnnotationForm } from './annotation-form.tsx';
import { colourOf } from './annotation-shapes.ts';
import { nameOf, sizeWord } from './annotation-words.ts';
import classes from './annotations.module.css';
import type { Annotations } from './use-annotations.ts';

const glyph = {
  point: <circle cx="8" cy="8" r="4" />,
  rectangle: <rect x="2.5" y="4" width="11" height="8" />,
  polygon: <path d="M3 6l6-3.5 5 5-3.5 6-6-1z" />,
};

interface Props {
  annotation: AnnotationMessage;
  mpp: PixelSpacing | null;
  annotations: Annotations;
  isSelected: boolean;
  onGo: () => void;
}

/** One annotation; a click goes to its place, and opens what can be changed. */
export function AnnotationRow({ annotation, mpp, annotations, isSelected, onGo }: Props) {
  const { kind, name, classification, isLocked } = annotation;
  return (
    <li className={classes.row} data-selected={isSelected || undefined} data-testid="annotation-row" data-kind={kind}>
      <button type="button" className={classes.go} onClick={onGo} aria-expanded={isSelected}>
        <svg width="16" height="16" viewBox="0 0 16 16" role="img" aria-label={kind}>
          <g fill={colourOf(annotation)} stroke="var(--ink)" strokeWidth="1">
            {glyph[kind]}
          </g>
        </svg>
        <span className={classes.name}>
          {nameOf(annotation)}
          {name && classification && <span className="soft"> · {classification.name}</span>}
          {isLocked && <span className="soft"> · locked</span>}
        </span>
        <span className="soft">{sizeWord(annotation, mpp)}</span>
      </button>
      {isSelected && <AnnotationForm annotation={annotation} annotations={annotations} />}
    </li>
  );
}
