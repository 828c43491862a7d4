import { Dialog } from '../parts/dialog.tsx';
import classes from './panel.module.css';
import { shortcutWords } from './shortcuts.ts';

export function ShortcutList({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Dialog opened={opened} onClose={onClose} title="Keys" centered>
      <dl className={classes.keys}>
        {shortcutWords.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              {keys.split(/ (?=\S)/).map((key) => (
                <kbd key={key}>{key.trim()}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
