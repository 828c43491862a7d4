import { useCallback, useEffect, useState } from 'react';

export interface Interrupted {
  key: string;
  name: string;
  bytes: number;
  since: string;
}

/** Uploads that an earlier visit left unfinished; the browser needs the file again to go on. */
export function useInterrupted(): [Interrupted[], (key: string) => void] {
  const [list, setList] = useState<Interrupted[]>([]);
  useEffect(() => {
    let gone = false;
    const read = async () => {
      if (!Object.keys(localStorage).some((key) => key.startsWith('tus::'))) return;
      const tus = await import('tus-js-client');
      const uploads = (await tus.defaultOptions.urlStorage?.findAllUploads()) ?? [];
      if (gone) return;
      setList(
        uploads.map((upload) => ({
          key: upload.urlStorageKey,
          name: upload.metadata.filename ?? 'a file',
          bytes: upload.size ?? 0,
          since: upload.creationTime,
        })),
      );
    };
    void read().catch(() => undefined);
    return () => {
      gone = true;
    };
  }, []);

  const forget = useCallback((key: string) => {
    localStorage.removeItem(key);
    setList((before) => before.filter((one) => one.key !== key));
  }, []);
  return [list, forget];
}
