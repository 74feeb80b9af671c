### Palabras de los correos y los SMS. Las variables se describen en locales/en/mail.ftl, las reglas en common.ftl.

## Partes comunes.

mail-greeting = Hola:
mail-link-fallback = Si el botón no funciona, abra este enlace en su navegador:
mail-link-personal = El enlace es solo para usted. Por favor, no lo reenvíe.
mail-footer = Enviado por { $organization } mediante un servicio de invitaciones.
mail-footer-plain = Enviado por un servicio de invitaciones.

## Invitación.

mail-invitation-subject = { $inviter } le invita a unirse a { $organization }
mail-invitation-preheader = Puede aceptar o rechazar hasta el { $until }.
mail-invitation-heading = Unirse a { $organization }
mail-invitation-body = { $inviter } le invita a unirse a { $organization }.
mail-invitation-body-role = { $inviter } le invita a unirse a { $organization } con el rol «{ $role }».
mail-invitation-until = Puede aceptar o rechazar hasta el { $until }.
mail-invitation-button = Ver la invitación
mail-invitation-link = Abra este enlace para aceptar o rechazar:
mail-invitation-message-heading = { $inviter } le escribe:
mail-invitation-why = Recibe este correo porque { $inviter } introdujo su dirección para invitarle.
mail-invitation-ignore = Si no esperaba la invitación, puede ignorarla: no ocurre nada si no la acepta.
mail-invitation-code = Si no puede abrir el enlace, utilice este código en su lugar:
mail-invitation-code-place = Para introducirlo, abra la dirección con la que empieza el enlace, con «{ $path }» en lugar de «/i/» y de todo lo que sigue.
# Sin el nombre de quien invita.
mail-invitation-subject-unnamed = Invitación para unirse a { $organization }
mail-invitation-body-unnamed = Ha recibido una invitación para unirse a { $organization }.
mail-invitation-body-role-unnamed = Ha recibido una invitación para unirse a { $organization } con el rol «{ $role }».
mail-invitation-message-heading-unnamed = La invitación incluye un mensaje:
mail-invitation-why-unnamed = Recibe este correo porque alguien introdujo su dirección para invitarle a { $organization }.

## SMS. El alfabeto GSM no tiene á, í, ó ni ú; por eso aquí se dice «clave» y no «código».

sms-invitation = { $inviter } le invita a unirse a { $organization }. Introduzca la clave { $code } en { $place } antes del { $until }.
sms-invitation-organization = { $organization } le invita a unirse. Introduzca la clave { $code } en { $place } antes del { $until }.

## Restablecer la contraseña.

mail-reset-subject = Elija una contraseña nueva
mail-reset-preheader = El enlace de este correo funciona una sola vez, hasta el { $until }.
mail-reset-heading = Elija una contraseña nueva
mail-reset-body = Alguien, probablemente usted, pidió una contraseña nueva para la cuenta { $address }.
mail-reset-valid = El enlace funciona una sola vez, hasta el { $until }.
mail-reset-button = Elegir una contraseña nueva
mail-reset-link = Abra este enlace para elegir una contraseña nueva:
mail-reset-ignore = Si no fue usted, ignore este correo: su contraseña no cambia.

## El primer enlace del propietario.

mail-owner-subject = Active su cuenta de { $organization }
mail-owner-preheader = Elija una contraseña e inicie sesión por primera vez.
mail-owner-heading = Le damos la bienvenida a { $organization }
mail-owner-body = El espacio { $organization } está listo y usted tiene en él el rol «propietario». Elija una contraseña para su cuenta { $address }; después podrá iniciar sesión e invitar a otras personas.
mail-owner-valid = El enlace funciona una sola vez, hasta el { $until }.
mail-owner-button = Elegir su contraseña
mail-owner-link = Abra este enlace para elegir su contraseña:
mail-owner-ignore = Si no esperaba este correo, puede ignorarlo: sin el enlace nadie puede utilizar la cuenta.

## Recordatorio: la invitación caduca pronto y sigue sin respuesta.

mail-reminder-subject = Recordatorio: { $inviter } le invita a unirse a { $organization }
mail-reminder-preheader = Todavía puede aceptar o rechazar hasta el { $until }.
mail-reminder-heading = Su invitación a { $organization } caduca pronto
mail-reminder-body = { $inviter } le envió una invitación para unirse a { $organization }, y todavía está pendiente.
mail-reminder-body-role = { $inviter } le envió una invitación para unirse a { $organization } con el rol «{ $role }», y todavía está pendiente.
mail-reminder-ignore = Este es el único recordatorio. Si no desea unirse, puede rechazar la invitación o ignorarla: no ocurre nada si no la acepta.
mail-reminder-subject-unnamed = Recordatorio: invitación para unirse a { $organization }
mail-reminder-body-unnamed = Su invitación para unirse a { $organization } todavía está pendiente.
mail-reminder-body-role-unnamed = Su invitación para unirse a { $organization } con el rol «{ $role }» todavía está pendiente.

## Un enlace nuevo para una invitación ya enviada.

mail-renewed-subject = Enlace nuevo: { $inviter } le invita a unirse a { $organization }
mail-renewed-preheader = Utilice este enlace: es posible que los de correos anteriores ya no funcionen.
mail-renewed-heading = Su enlace nuevo para unirse a { $organization }
mail-renewed-body = Este es un enlace nuevo para la invitación de { $inviter } a unirse a { $organization }. Utilice este: es posible que los enlaces de correos anteriores ya no funcionen.
mail-renewed-body-role = Este es un enlace nuevo para la invitación de { $inviter } a unirse a { $organization } con el rol «{ $role }». Utilice este: es posible que los enlaces de correos anteriores ya no funcionen.
mail-renewed-subject-unnamed = Enlace nuevo: invitación para unirse a { $organization }
mail-renewed-body-unnamed = Este es un enlace nuevo para su invitación a unirse a { $organization }. Utilice este: es posible que los enlaces de correos anteriores ya no funcionen.
mail-renewed-body-role-unnamed = Este es un enlace nuevo para su invitación a unirse a { $organization } con el rol «{ $role }». Utilice este: es posible que los enlaces de correos anteriores ya no funcionen.

## Cambio de dirección, a la dirección nueva.

mail-address-subject = Confirme su nueva dirección de correo
mail-address-heading = Confirme su nueva dirección de correo
mail-address-body = Alguien, probablemente usted, quiere utilizar la dirección { $address } para su cuenta. Confirme, por favor, que es suya.
mail-address-button = Confirmar la dirección
mail-address-link = Abra este enlace para confirmar la dirección:
mail-address-ignore = Si no fue usted, ignore este correo: la cuenta conserva su dirección actual.

## Dirección cambiada, a la dirección anterior.

mail-changed-subject = Su dirección de correo ha cambiado
mail-changed-preheader = Su cuenta tiene ahora la dirección { $new }.
mail-changed-heading = Su dirección de correo ha cambiado
mail-changed-body = La dirección de correo de su cuenta { $address } se cambió por { $new } el { $at }. Los correos sobre la cuenta se envían ahora a la dirección nueva.
mail-changed-warning = Si no fue usted, es posible que otra persona esté utilizando su cuenta: avise cuanto antes a quien administre su organización.

## Correos a quienes trabajan con invitaciones.

mail-notice-link = Abra este enlace para ver la invitación:
mail-notice-sign-in = Es posible que tenga que iniciar sesión para verla.

## Invitación aceptada.

mail-accepted-subject = { $member } se ha unido a { $organization }
mail-accepted-preheader = Su invitación se aceptó el { $at }.
mail-accepted-heading = { $member } se ha unido a { $organization }
mail-accepted-body = El { $at }, { $member } aceptó su invitación a unirse a { $organization }.
mail-accepted-body-role = El { $at }, { $member } aceptó su invitación a unirse a { $organization } con el rol «{ $role }».
mail-accepted-recipient = La invitación era para { $recipient }.
mail-accepted-why = Recibe este correo porque usted emitió la invitación.
mail-accepted-ignore = No tiene que hacer nada más.

## Invitación en suspenso.

mail-suspended-subject = La invitación para { $recipient } a { $organization } está en suspenso
mail-suspended-preheader = No se puede aceptar hasta que alguien se haga cargo de ella.
mail-suspended-heading = Una invitación está en suspenso
mail-suspended-body = { $inviter } invitó a { $recipient } a unirse a { $organization }, pero ya no puede conceder lo que la invitación promete. No se puede aceptar hasta que alguien con los permisos necesarios se haga cargo de ella.
mail-suspended-body-unnamed = Se invitó a { $recipient } a unirse a { $organization }, pero quien emitió la invitación ya no puede conceder lo que promete. No se puede aceptar hasta que alguien con los permisos necesarios se haga cargo de ella.
mail-suspended-valid = En su página puede hacerse cargo de ella o retirarla. Puede haber otras en suspenso: la lista de invitaciones las muestra todas.
mail-suspended-why = Recibe este correo porque administra { $organization }.
mail-suspended-ignore = Si nadie se hace cargo de ella, seguirá en suspenso hasta que caduque.
