'use client';
import { useState } from 'react';
import classes from './slides.module.css';

/** The slide's overview on white glass; a slide without one says so. */
export function Thumbnail({ id, name, small = false }: { id: string; name: string; small?: boolean }) {
  const [missing, setMissing] = useState(false);
  return (
    <span className={classes.glass} data-small={small || undefined}>
      {missing ? (
        <span className={classes.noPicture}>{small ? '–' : 'no thumbnail'}</span>
      ) : (
        // biome-ignore lint/performance/noImgElement: the API serves it at its final size, behind the session
        <img
          src={`/api/slides/${id}/thumbnail`}
          alt={`Overview of ${name}`}
          loading="lazy"
          decoding="async"
          onError={() => setMissing(true)}
        />
      )}
    </span>
  );
}
