-- A run's pictures are events of kind picture; they are asked for by their content.
create index run_event_picture on run_event (run_id, (data->>'sha256')) where kind = 'picture';
