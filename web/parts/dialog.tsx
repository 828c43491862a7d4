'use client';
import type { ModalProps } from '@mantine/core';
import dynamic from 'next/dynamic';
import { useState } from 'react';

const Window = dynamic(() => import('./dialog-window.tsx').then((module) => module.DialogWindow), { ssr: false });

/** A dialog of the component library, whose script is fetched when it is opened first. */
export function Dialog(props: ModalProps) {
  const [wanted, setWanted] = useState(props.opened);
  if (props.opened && !wanted) setWanted(true);
  return wanted ? <Window {...props} /> : null;
}
