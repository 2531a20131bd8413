"""Values and rules of rosters and artifacts: pure, without input, output, clock or chance."""
