import { Modal, type ModalProps } from '@mantine/core';
import { useEffect, useState } from 'react';

/** It opens after it is mounted: only a change from closed to open remembers where the focus has to return. */
export function DialogWindow({ opened, ...others }: ModalProps) {
  const [shown, setShown] = useState(false);
  useEffect(() => setShown(opened), [opened]);
  return <Modal opened={shown} closeButtonProps={{ 'aria-label': 'Close' }} {...others} />;
}
