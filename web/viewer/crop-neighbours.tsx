import type { CropDetail } from '@stroma/core/http/crop';
import classes from './inspector.module.css';

const places = [-1, 0, 1].flatMap((row) => [-1, 0, 1].map((column) => ({ column, row })));
const names = [
  ['above left', 'above', 'above right'],
  ['left', 'itself', 'right'],
  ['below left', 'below', 'below right'],
];

/** The crops around it, where they lie; one that was not cut is a gap. */
export function CropNeighbours({ crop, onChoose }: { crop: CropDetail; onChoose: (cropId: string) => void }) {
  return (
    <>
      <h4>Neighbours</h4>
      <div className={classes.neighbours}>
        {places.map(({ column, row }) => {
          const itself = column === 0 && row === 0;
          const id = itself ? crop.id : crop.neighbours.find((one) => one.column === column && one.row === row)?.id;
          const name = names[row + 1]?.[column + 1] ?? '';
          return id ? (
            <button
              key={name}
              type="button"
              disabled={itself}
              onClick={() => onChoose(id)}
              aria-label={`Choose the crop ${name}`}
              data-testid="neighbour"
              data-crop-id={id}
            >
              {/* biome-ignore lint/performance/noImgElement: as stored */}
              <img src={`/api/crops/${id}/image`} alt="" loading="lazy" />
            </button>
          ) : (
            <span key={name} />
          );
        })}
      </div>
    </>
  );
}
