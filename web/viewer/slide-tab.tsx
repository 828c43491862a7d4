import type { SlideDetail } from '@stroma/core/http/slide';
import type { UnreadablePlace } from '@stroma/core/http/slide-run';
import { spacingLabel } from '@stroma/core/units';
import type { ReactNode } from 'react';
import { Sha256 } from '../exports/sha256.tsx';
import { Facts } from '../parts/facts.tsx';
import { Moment } from '../parts/moment.tsx';
import { count } from '../parts/number-label.ts';
import { CutCrops } from '../slides/cut-crops.tsx';
import { Duplicates } from '../slides/duplicates.tsx';
import { Identifying } from '../slides/identifying.tsx';
import { ScaleForm } from '../slides/scale-form.tsx';
import { CropSetLine, SlideScale } from '../slides/slide-facts.tsx';
import { SlideWork } from '../slides/slide-work.tsx';
import classes from './panel.module.css';
import { filesLabel, SlideFiles } from './slide-files.tsx';

/** What the file says of itself, and what Stroma made of it. */
export function SlideTab({ slide, onPlace }: { slide: SlideDetail; onPlace: (place: UnreadablePlace) => void }) {
  const facts: [string, ReactNode][] = [
    ['Scale', <SlideScale key="scale" slide={slide} />],
    ['Size', `${count(slide.width0)} × ${count(slide.height0)} px`],
    ...(slide.mpp === null
      ? []
      : [
          [
            'Area',
            `${((slide.width0 * slide.mpp.x) / 1000).toFixed(1)} × ${((slide.height0 * slide.mpp.y) / 1000).toFixed(1)} mm`,
          ] as [string, string],
        ]),
    ['Format', slide.format],
    ['Reader', slide.reader],
    ['Vendor', slide.vendor ?? '–'],
    ['Objective', slide.objective === null ? '–' : `${slide.objective}x, as the file says`],
    [slide.fileCount > 1 ? 'Files' : 'File', filesLabel(slide)],
    ['SHA-256', <Sha256 key="sum" value={slide.sha256} />],
    ['Added', <Moment key="added" at={slide.createdAt} />],
  ];
  return (
    <>
      <Facts facts={facts} />
      <h3>Scale at level 0</h3>
      <ScaleForm slide={slide} />
      {slide.duplicates > 0 && (
        <>
          <h3>Possible duplicates</h3>
          <Duplicates slide={slide} />
        </>
      )}
      <h3>Crops</h3>
      {slide.cropSets.length === 0 && <p className="soft">None cut yet.</p>}
      {slide.cropSets.map((cropSet) => (
        <div key={cropSet.id}>
          <CropSetLine cropSet={cropSet} />
        </div>
      ))}
      {slide.mpp !== null && <CutCrops slideIds={[slide.id]} />}
      <h3>Work</h3>
      <SlideWork slideId={slide.id} onPlace={onPlace} />
      <h3>Identifying fields</h3>
      <Identifying slide={slide} />
      {slide.quirks.length > 0 && (
        <>
          <h3>Quirks of the file</h3>
          <ul className={classes.quirks}>
            {slide.quirks.map((quirk) => (
              <li key={quirk}>{quirk}</li>
            ))}
          </ul>
        </>
      )}
      {slide.fileCount > 1 && <SlideFiles files={slide.files} />}
      <h3>Levels</h3>
      <table className={classes.levels}>
        <thead>
          <tr>
            <th scope="col">Level</th>
            <th scope="col">Size, px</th>
            <th scope="col">Tiles, px</th>
            <th scope="col">{slide.mpp === null ? 'Downsample' : 'Scale'}</th>
          </tr>
        </thead>
        <tbody>
          {[...slide.levels]
            .sort((a, b) => b.zoom - a.zoom)
            .map((level, index) => (
              <tr key={level.zoom}>
                <td>{index}</td>
                <td>
                  {count(level.width)} × {count(level.height)}
                </td>
                <td>
                  {level.tileWidth} × {level.tileHeight}
                </td>
                <td title={`downsample ${level.downsample}`}>
                  {slide.mpp === null
                    ? Number(level.downsample.toFixed(3))
                    : spacingLabel({ x: slide.mpp.x * level.downsample, y: slide.mpp.y * level.downsample })}
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </>
  );
}
