import classes from './annotations.module.css';
import type { Tool } from './use-annotations.ts';
import type { Drawing } from './use-drawing.ts';

const how = {
  rectangle: 'Rectangle: drag, or set two corners.',
  point: 'Point: click where it belongs.',
  polygon: 'Polygon: click corner after corner; the first one again closes it.',
};

/** What to do now, and the same by buttons, where there is no keyboard. */
export function DrawingHint({ tool, drawing }: { tool: Tool; drawing: Drawing }) {
  const { positions } = drawing;
  return (
    <div className={classes.hint} role="status" data-testid="drawing-hint" data-positions={positions.length}>
      <span>
        {how[tool]} <span className={classes.faint}>Space sets one at the cross.</span>
      </span>
      {tool === 'polygon' && (
        <button type="button" disabled={positions.length < 3} onClick={() => drawing.finish()}>
          Close it <kbd>Enter</kbd>
        </button>
      )}
      <button type="button" disabled={positions.length === 0} onClick={drawing.back}>
        Take back <kbd>⌫</kbd>
      </button>
      <button type="button" onClick={drawing.cancel}>
        Cancel <kbd>Esc</kbd>
      </button>
    </div>
  );
}
