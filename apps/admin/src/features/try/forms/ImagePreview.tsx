import { Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import classes from './FileBox.module.css';

/** The image as the browser can show it; whether the service can read it, the service says. */
export function ImagePreview({ file }: { file: File }) {
  const [url, setUrl] = useState<string | null>(null);
  const [broken, setBroken] = useState(false);
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setUrl(made);
    setBroken(false);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  if (broken) return <Text c="dimmed">This browser can't show it.</Text>;
  return url && <img className={classes.preview} src={url} alt={file.name} onError={() => setBroken(true)} />;
}
