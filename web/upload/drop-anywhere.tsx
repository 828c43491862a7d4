'use client';
import { useEffect, useState } from 'react';
import classes from './drop-anywhere.module.css';
import { droppedFiles } from './dropped-files.ts';
import { addFiles } from './upload-queue.ts';

/** Takes files and folders dropped anywhere on the page it stands on. */
export function DropAnywhere() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    let depth = 0;
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const enter = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      depth += 1;
      setOver(true);
    };
    const leave = () => {
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const allow = (event: DragEvent) => event.preventDefault();
    const drop = async (event: DragEvent) => {
      event.preventDefault();
      depth = 0;
      setOver(false);
      if (event.dataTransfer) addFiles(await droppedFiles(event.dataTransfer));
    };
    const stop = new AbortController();
    window.addEventListener('dragenter', enter, stop);
    window.addEventListener('dragleave', leave, stop);
    window.addEventListener('dragover', allow, stop);
    window.addEventListener('drop', (event) => void drop(event), stop);
    return () => stop.abort();
  }, []);
  if (!over) return null;
  return <div className={classes.veil}>Drop slides or folders to upload them</div>;
}
