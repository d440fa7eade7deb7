"""What the pages for officers and technicians need beside the town: air, Wi-Fi, field, audit."""
