'use client';
import { useEffect, useState } from 'react';

/** A time as people say it; the exact one is in the tooltip. */
export function Moment({ at }: { at: string }) {
  const [text, setText] = useState('');
  useEffect(() => {
    const tell = () => setText(momentLabel(new Date(at), new Date()));
    tell();
    const timer = setInterval(tell, 30_000);
    return () => clearInterval(timer);
  }, [at]);
  return (
    <time dateTime={at} title={text && new Date(at).toLocaleString('en-GB')}>
      {text}
    </time>
  );
}

export function momentLabel(then: Date, now: Date): string {
  const seconds = (now.getTime() - then.getTime()) / 1000;
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  const sameYear = then.getFullYear() === now.getFullYear();
  return then.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) });
}
