import { Slider, Switch } from '@mantine/core';
import { defaultSelection } from '@stroma/core/crop-numbers';
import type { SlideDetail } from '@stroma/core/http/slide';
import { selectionLabel } from '@stroma/core/selection-label';
import { CropFields } from '../crops/crop-fields.tsx';
import { MaskLegend } from '../crops/mask-legend.tsx';
import { PreviewWords } from '../crops/preview-words.tsx';
import classes from './panel.module.css';
import type { Tissue } from './use-tissue.ts';

/** The tissue mask and the crops that would come of it, before anything is cut. */
export function TissueTab({ slide, tissue }: { slide: SlideDetail; tissue: Tissue }) {
  const { settings, change, mask, grid, draft, setDraft } = tissue;
  return (
    <>
      <Switch
        label="Tissue mask (t)"
        checked={settings.mask}
        onChange={(event) => change({ mask: event.currentTarget.checked })}
        data-testid="show-mask"
      />
      <div className={classes.knobs} style={{ margin: '10px 0' }}>
        <span>Opacity</span>
        <Slider
          size="sm"
          thumbLabel="Opacity of the tissue mask"
          min={0}
          max={1}
          step={0.05}
          value={settings.opacity}
          onChange={(opacity) => change({ opacity })}
          label={null}
        />
        <span>{Math.round(settings.opacity * 100)} %</span>
      </div>
      {mask.data && <MaskLegend mask={mask.data} />}
      <h3>Crops, before they are cut</h3>
      <Switch
        label="Grid (g)"
        checked={settings.grid}
        onChange={(event) => change({ grid: event.currentTarget.checked })}
        data-testid="show-grid"
      />
      <div style={{ margin: '10px 0' }}>
        <CropFields draft={draft} onChange={setDraft} />
      </div>
      {slide.mpp === null ? (
        <p className="soft">The slide’s scale is not known yet, so crops cannot be laid out.</p>
      ) : (
        <PreviewWords mask={mask} grid={grid} />
      )}
      <p className={classes.note}>
        Solid: kept by {selectionLabel(defaultSelection)}. Dashed: cut, but not used unless a cohort’s selection asks
        for less. Sharpness, ink and colour are known once the crops are cut.
      </p>
    </>
  );
}
